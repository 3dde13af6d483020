"""
What MiniStack 1.5.33 lacks or gets wrong, repaired from inside: one concern a module. MiniStack's files stay
untouched.
"""
