"""A centre in one thread and no time: kiosks, hub, counters and server under crashes, cuts and wrong clocks, by a seed.

What is tried are the product's own pure parts: the rules (`queueing`), the conversation (`sync.exchange`) and the
receiver's judgement (`sync.receiving`). Disks, lines and clocks are models of the worst that real ones may do.
"""
