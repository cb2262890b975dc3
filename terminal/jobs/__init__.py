"""Jobs: what the kiosk does in each state with devices, host and time. Each ends in one event.

Whatever must outlive a power cut is in the journal when a job goes on.
"""
