"""Steps made: what the store lacks, in order, in processes, on a card or on a cluster."""
