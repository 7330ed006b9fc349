"""The decisions: pure functions of values. No clock, disk, network, chance or log; `now` comes in as an argument."""
