"""Batches: many films, queued durably and made overnight without anybody watching."""
