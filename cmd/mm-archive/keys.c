#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_keys.h"
#include "chain.h"
#include "clock.h"
#include "commands.h"
#include "io.h"
#include "keys.h"
#include "log.h"
#include "mem.h"

int
keys_lock(const struct mail_archive *a)
{
	int fd = open(a->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && io_lock(fd, LOCK_EX) == 0)
		return fd;
	log_error("cannot lock %s: %s", a->dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The chain is told first. */
static int
write_keys(const struct data_keys *k, const struct mail_archive *a, const char *path)
{
	struct buf text = {0};
	struct chain chain;
	data_keys_format(k, &text);
	struct str octets = buf_str(&text);
	int rc = chain_open(&chain, a, false) < 0
			 ? -1
			 : chain_document(&chain, ARCHIVE_KEYS, &octets);
	chain_close(&chain);
	if (rc == 0 && (rc = io_write_file(path, text.p, text.n, 0640)) < 0)
		log_error("cannot write %s: %s", path, strerror(errno));
	buf_release(&text);
	return rc;
}

static int
add_key(struct data_keys *k, const struct file_key *by)
{
	int rc = data_keys_add(k, by, clock_now_ms());
	if (rc < 0)
		log_error("cannot make a data key: OpenSSL failed");
	return rc;
}

static int
first_key(const struct mail_archive *a, const char *path, const char *key_file)
{
	struct file_key by;
	struct data_keys k = {0};
	bool made = false;
	int rc = file_key_make(&by, key_file, &made);
	if (made)
		log_info("made the key file %s; without it the archive cannot be read",
			key_file);
	if (rc == 0)
		rc = add_key(&k, &by) < 0 || write_keys(&k, a, path) < 0 ? -1 : 0;
	data_keys_release(&k);
	file_key_wipe(&by);
	return rc;
}

int
keys_create(const struct mail_archive *a, const char *key_file)
{
	char *path = xasprintf("%s/" ARCHIVE_KEYS, a->dir);
	struct month *months = NULL;
	size_t n = 0;
	int rc = -1, held = keys_lock(a);
	if (held >= 0 && access(path, F_OK) == 0)
		rc = 0;
	else if (held >= 0 && mail_archive_months(a, &months, &n) == 0 && n > 0)
		log_error("archive %s has messages that are not encrypted; export them and "
			  "import them into one that is",
			a->name);
	else if (held >= 0)
		rc = first_key(a, path, key_file);
	if (held >= 0)
		close(held);
	free(months);
	free(path);
	return rc;
}

/* Each data key as it was, under another key. */
static int
wrap_anew(struct data_keys *k, const char *path, const struct file_key *old,
	const struct file_key *new)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < k->n; i++) {
		struct data_key key;
		rc = data_key_unwrap(&k->list[i], old, &key);
		if (rc < 0)
			log_error("%s: the data key of %s is wrapped by the key file with the "
				  "id %s; the one given has %s, or it is damaged",
				path, k->list[i].created, k->list[i].key_file, old->id);
		else
			rc = data_key_wrap(&key, new, &k->list[i]);
		explicit_bzero(&key, sizeof(key));
	}
	return rc;
}

static int
change(const struct options *o, const struct mail_archive *a, const char *path,
	const char *key_file)
{
	struct problems ps = {0};
	struct file_key old = {0}, new = {0};
	struct data_keys k = {0};
	bool made = false;
	int rc = data_keys_load(&k, path, &ps);
	problems_log(&ps);
	problems_release(&ps);
	if (rc == 0)
		rc = file_key_read(&old, key_file);
	if (rc == 0 && o->new_key_file)
		rc = file_key_make(&new, o->new_key_file, &made);
	else
		new = old;
	/* also to find out whether it is the right one */
	if (rc == 0)
		rc = wrap_anew(&k, path, &old, &new);
	if (rc == 0 && o->new_data_key)
		rc = add_key(&k, &new);
	if (rc == 0)
		rc = write_keys(&k, a, path);
	file_key_wipe(&old);
	file_key_wipe(&new);
	data_keys_release(&k);
	return rc;
}

static int
rekey(const struct options *o, const struct mail_archive *a)
{
	const char *key_file = o->key_file ? o->key_file : a->key_file;
	char *path = xasprintf("%s/" ARCHIVE_KEYS, a->dir);
	int rc = -1;
	if (access(path, F_OK) < 0) {
		log_error("archive %s has no keys: %s: %s", a->name, path, strerror(errno));
	} else if (!key_file) {
		log_error("expected the present key file with --key-file");
	} else {
		int held = keys_lock(a);
		rc = held < 0 ? -1 : change(o, a, path, key_file);
		if (held >= 0)
			close(held);
	}
	if (rc == 0 && o->new_key_file && a->key_file &&
		strcmp(a->key_file, o->new_key_file) != 0)
		log_info("the document of archive %s names %s; Encryption.KeyFile is to be %s",
			a->name, a->key_file, o->new_key_file);
	free(path);
	return rc;
}

int
command_rekey(struct options *o, char **operands)
{
	struct mail_archive a;
	int status = EX_NOINPUT;
	if (!o->new_key_file && !o->new_data_key)
		log_error("expected --new-key-file, --new-data-key or both");
	else if (mail_archive_find(&a, o->site, o->root, operands[0]) == 0)
		status = rekey(o, &a) < 0 ? EX_DATAERR : EX_OK;
	if (!o->new_key_file && !o->new_data_key)
		return EX_USAGE;
	mail_archive_release(&a);
	return status;
}
