"""`make bench`: how fast the codecs are, what a driver costs on top of its line, how much memory a kiosk takes.

Everything that is compared is measured in turns within one run, so that a busy machine is busy for all of it; figures
are medians with quartiles. docs/benchmarks.md says how to read them. No test asserts a time.
"""
