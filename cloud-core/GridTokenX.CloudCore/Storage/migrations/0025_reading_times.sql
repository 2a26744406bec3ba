-- What a device measured at a time: an epoch's metering and an owner's readings of a day ask for a few rows of it,
-- however long its history is.
create index readings_by_time on readings (device, ended_at);
