#include <pthread.h>
#include <stdlib.h>

#include "archive_keys.h"
#include "log.h"
#include "mem.h"
#include "sqlite_crypt.h"

struct known {
	struct data_key key;
	struct known *older;
};

/* What may change while an archive is open. */
struct state {
	pthread_mutex_t lock;
	struct known *newest;
	struct file_key wrapping;
	char *path;
};

struct archive_keys {
	struct state *state;
	struct sqlite_crypt *crypt;
};

static struct known *
find(const struct state *s, const unsigned char id[DATA_KEY_ID])
{
	struct known *n = s->newest;
	while (n && memcmp(n->key.id, id, DATA_KEY_ID) != 0)
		n = n->older;
	return n;
}

static int
unwrap(struct state *s, const struct wrapped_key *w)
{
	struct known *n = xcalloc(1, sizeof(*n));
	if (data_key_unwrap(w, &s->wrapping, &n->key) == 0) {
		n->older = s->newest;
		s->newest = n;
		return 0;
	}
	free(n);
	if (strcmp(w->key_file, s->wrapping.id) != 0)
		log_error("%s: the data key of %s is wrapped by the key file with the id %s; "
			  "the one given has %s",
			s->path, w->created, w->key_file, s->wrapping.id);
	else
		log_error("%s: the data key of %s is not as it was made", s->path, w->created);
	return -1;
}

static int
read_keys(struct state *s)
{
	struct problems ps = {0};
	struct data_keys k;
	int rc = data_keys_load(&k, s->path, &ps);
	for (size_t i = 0; rc == 0 && i < k.n; i++)
		if (!find(s, k.list[i].id))
			rc = unwrap(s, &k.list[i]);
	problems_log(&ps);
	problems_release(&ps);
	data_keys_release(&k);
	return rc;
}

const struct data_key *
archive_keys_newest(const struct archive_keys *k)
{
	pthread_mutex_lock(&k->state->lock);
	const struct data_key *key = &k->state->newest->key;
	pthread_mutex_unlock(&k->state->lock);
	return key;
}

const struct data_key *
archive_keys_find(const struct archive_keys *k, const unsigned char id[DATA_KEY_ID])
{
	struct state *s = k->state;
	pthread_mutex_lock(&s->lock);
	struct known *n = find(s, id);
	if (!n && read_keys(s) == 0 && !(n = find(s, id)))
		log_error("%s: there is no data key %02x%02x%02x%02x", s->path, id[0], id[1],
			id[2], id[3]);
	pthread_mutex_unlock(&s->lock);
	return n ? &n->key : NULL;
}

const char *
archive_keys_vfs(const struct archive_keys *k)
{
	return k ? sqlite_crypt_name(k->crypt) : NULL;
}

static const struct data_key *
newest_of(const void *ctx)
{
	return archive_keys_newest(ctx);
}

static const struct data_key *
find_in(const void *ctx, const unsigned char id[DATA_KEY_ID])
{
	return archive_keys_find(ctx, id);
}

struct archive_keys *
archive_keys_open(const char *dir, const char *key_file)
{
	struct archive_keys *k = xcalloc(1, sizeof(*k));
	k->state = xcalloc(1, sizeof(*k->state));
	k->state->path = xasprintf("%s/" ARCHIVE_KEYS, dir);
	pthread_mutex_init(&k->state->lock, NULL);
	if (file_key_read(&k->state->wrapping, key_file) == 0 && read_keys(k->state) == 0 &&
		(k->crypt = sqlite_crypt_new(newest_of, find_in, k)))
		return k;
	archive_keys_free(k);
	return NULL;
}

void
archive_keys_free(struct archive_keys *k)
{
	if (!k)
		return;
	struct state *s = k->state;
	sqlite_crypt_free(k->crypt);
	for (struct known *n = s->newest, *older; n; n = older) {
		older = n->older;
		explicit_bzero(n, sizeof(*n));
		free(n);
	}
	file_key_wipe(&s->wrapping);
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
	free(k);
}
