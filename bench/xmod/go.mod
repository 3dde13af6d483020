module countersign.example/bench/xmod

go 1.25.0

require golang.org/x/mod v0.38.0
