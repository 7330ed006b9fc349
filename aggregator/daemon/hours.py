"""What is done once a day, and at what hour by the machine's clock; and what is done by the hour."""

from datetime import time, timedelta

#: When the open stories are arranged anew, while nobody reads …
NIGHT = time(3, 10)
#: … and up to so much later, for many machines share a disk.
NIGHT_SPREAD = timedelta(minutes=40)
#: When what is too old is removed, after that.
AFTER_NIGHT = time(4, 30)
#: When the day's summary is told, and what is past its use is forgotten.
MORNING = time(7, 0)
#: So often it is looked whether the digest is due, by the clock of feeds.yaml, or still owed.
DIGEST_LOOK = timedelta(minutes=1)
#: Leases of hubs run for days, their refusals are forgiven after an hour at the earliest.
TEND_EVERY = timedelta(hours=1)
