"""Work that somebody must do soon: how a worker hears of it, in one process or on several machines."""
