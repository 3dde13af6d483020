"""What the starter passes on standard input, as one JSON line: never by environment, which functions inherit."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RootUser:
    account_id: str
    access_key_id: str
    secret_access_key: str


@dataclass
class Settings:
    # Header x-countersign-extension of every request we serve; empty refuses all.
    secret: str = ""
    region: str = "eu-west-1"
    # By access key id: one root user an account, no other key is root.
    root_users: dict[str, RootUser] = field(default_factory=dict)


settings = Settings()


def load(line: str) -> None:
    """Throws ValueError or KeyError for a line that the starter did not write."""
    data = json.loads(line)
    settings.secret = str(data["secret"])
    settings.region = str(data["region"])
    if len(settings.secret) < 16:
        raise ValueError("secret is shorter than 16 characters")
    for item in data["rootUsers"]:
        user = RootUser(str(item["accountId"]), str(item["accessKeyId"]), str(item["secretAccessKey"]))
        settings.root_users[user.access_key_id] = user
