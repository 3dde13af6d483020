// Times Go's x/mod on the log operations that ../log.ts times: hashes a tree, then makes and checks every inclusion proof.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = m[index]
	}
	return out, nil
}

func main() {
	size, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	start := time.Now()
	var hashes memory
	for i := int64(0); i < size; i++ {
		stored, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("entry %d", i)), hashes)
		if err != nil {
			panic(err)
		}
		hashes = append(hashes, stored...)
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		panic(err)
	}
	built := time.Since(start)

	start = time.Now()
	proofs := make([]tlog.RecordProof, size)
	for i := range proofs {
		if proofs[i], err = tlog.ProveRecord(size, int64(i), hashes); err != nil {
			panic(err)
		}
	}
	proved := time.Since(start)

	start = time.Now()
	for i, proof := range proofs {
		if err := tlog.CheckRecord(proof, size, root, int64(i), tlog.RecordHash([]byte(fmt.Sprintf("entry %d", i)))); err != nil {
			panic(err)
		}
	}
	checked := time.Since(start)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"build": milliseconds(built), "prove": milliseconds(proved), "check": milliseconds(checked),
	})
}
