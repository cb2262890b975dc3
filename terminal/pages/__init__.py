"""Pages: what a kiosk offers besides cash. Each says what stands on it and where its choices lead."""
