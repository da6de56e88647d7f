"""From a bare machine to a profile that runs: what it lacks, fetched, made and tried.

`survey` says what a profile needs and what of it is there; `hub` fetches weights, `environments`
makes environments, `smoke_test` starts each service once and asks it something.
"""
