"""One module per benchmark, the peer beside ours; each prints one JSON line per case."""
