/* keys.h: an archive's keys.json as the one who makes and changes it sees it. */
#ifndef MM_KEYS_H
#define MM_KEYS_H

#include "mail_archive.h"

/* Makes DIR/keys.json with a first data key, and the key file, where they are not there.
 * A directory that has months without it cannot become encrypted.  0, or -1 after the
 * reason was logged. */
int keys_create(const struct mail_archive *a, const char *key_file);

/* Who changes keys.json holds it until the descriptor is closed; -1 after the reason was
 * logged. */
int keys_lock(const struct mail_archive *a);

#endif
