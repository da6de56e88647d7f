"""Steps and how they are made: keys, store, dry run, runner, executors. Knows no film."""
