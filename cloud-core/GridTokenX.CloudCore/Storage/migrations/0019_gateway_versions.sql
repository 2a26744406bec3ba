-- Of the gateway's program, as its newest summary tells it; null from one that does not.
alter table gateway_summaries add column version text;
