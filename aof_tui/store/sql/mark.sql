-- name: store_high_water  The store's id and the highest number an event of it ever had.
SELECT
    (SELECT value FROM meta WHERE key = 'store_id') AS store_id,
    coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0) AS sequence;

-- name: store_size  Bytes in use, and bytes of the file with what it keeps for later.
SELECT (page_count - freelist_count) * page_size AS used, page_count * page_size AS held
FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size();

-- name: restored_dispatches  Intents whose request may have left after the copy was made.
SELECT * FROM dispatch WHERE state = 'prepared' ORDER BY prepared_at, dispatch_id;
