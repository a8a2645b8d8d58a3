-- After a jump: between the floor and this id nobody has looked yet; empty: down to the beginning.
ALTER TABLE archive ADD COLUMN gap_id TEXT;
