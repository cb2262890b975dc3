"""Stories of several days and places: people at a kiosk, online, on the phone and at counters."""
