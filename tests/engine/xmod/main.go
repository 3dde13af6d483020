// Command xmod judges checkpoints and proofs with golang.org/x/mod, which shares no code with lib/tlog. It reads cases as JSON
// from standard input and writes, for each, "accept" or why not.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type cases struct {
	Vkey   string
	Trees  []string // signed checkpoints of the log whose entry i is "entry i"
	Proofs []proof
}

type proof struct {
	Kind   string // "record" or "tree"
	N      int64  // index of the record, or size of the old tree
	Size   int64
	Root   string // of the tree of that size, base64
	Old    string // of the record or the old tree, base64
	Hashes []string
}

func main() {
	var in cases
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		log.Fatal(err)
	}
	verifier, err := note.NewVerifier(in.Vkey)
	if err != nil {
		log.Fatal(err)
	}
	var out []string
	for _, tree := range in.Trees {
		out = append(out, verdict(checkTree(verifier, tree)))
	}
	for _, p := range in.Proofs {
		out = append(out, verdict(checkProof(p)))
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
}

func verdict(err error) string {
	if err != nil {
		return err.Error()
	}
	return "accept"
}

// stored holds all hashes of the log, by x/mod's own numbering.
var stored []tlog.Hash
var entries int64

func reader(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = stored[index]
	}
	return hashes, nil
}

func grow(size int64) error {
	for ; entries < size; entries++ {
		hashes, err := tlog.StoredHashes(entries, fmt.Appendf(nil, "entry %d", entries), tlog.HashReaderFunc(reader))
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	return nil
}

func checkTree(verifier note.Verifier, signed string) error {
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	var origin, root string
	var size int64
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &root); err != nil {
		return err
	}
	if err := grow(size); err != nil {
		return err
	}
	hash := tlog.Hash(sha256.Sum256(nil))
	if size > 0 {
		if hash, err = tlog.TreeHash(size, tlog.HashReaderFunc(reader)); err != nil {
			return err
		}
	}
	if hash.String() != root {
		return fmt.Errorf("tree of size %d has root %s, checkpoint says %s", size, hash, root)
	}
	return nil
}

func checkProof(p proof) error {
	root, err := tlog.ParseHash(p.Root)
	if err != nil {
		return err
	}
	old, err := tlog.ParseHash(p.Old)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	for _, text := range p.Hashes {
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return err
		}
		hashes = append(hashes, tlog.Hash(bytes))
	}
	if p.Kind == "record" {
		return tlog.CheckRecord(hashes, p.Size, root, p.N, old)
	}
	return tlog.CheckTree(hashes, p.Size, root, p.N, old)
}
