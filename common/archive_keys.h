/* archive_keys.h: the data keys of an encrypted archive, unwrapped, while it is open. */
#ifndef MM_ARCHIVE_KEYS_H
#define MM_ARCHIVE_KEYS_H

#include "data_keys.h"

#define ARCHIVE_KEYS "keys.json" /* in the archive's directory */

struct archive_keys;

/* Reads DIR/keys.json and unwraps all of it by that key file.  NULL after the reason was
 * logged; free it when everything that uses it is closed. */
struct archive_keys *archive_keys_open(const char *dir, const char *key_file);
void archive_keys_free(struct archive_keys *k); /* NULL is allowed */

/* The key for new files; and a key by its id, for which keys.json is read again if it is
 * not known: another process may have made it.  From any thread.  Valid as long as k;
 * NULL after the reason was logged. */
const struct data_key *archive_keys_newest(const struct archive_keys *k);
const struct data_key *archive_keys_find(
	const struct archive_keys *k, const unsigned char id[DATA_KEY_ID]);

/* Name of the SQLite VFS that the archive's indexes are opened by; NULL for k NULL, which
 * means SQLite's own. */
const char *archive_keys_vfs(const struct archive_keys *k);

#endif
