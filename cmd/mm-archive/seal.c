#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "archive_hold.h"
#include "commands.h"
#include "gone.h"
#include "head_line.h"
#include "keys.h"
#include "log.h"
#include "mem.h"
#include "seal.h"
#include "tar_rewrite.h"

static bool
seal_month(const struct options *o, const struct mail_archive *a, struct chain *chain,
	struct month month)
{
	char *dir = mail_archive_path(a, month, NULL);
	struct seal_month m = {.dir = dir, .archive = a, .chain = chain, .dry_run = o->dry_run};
	month_name(month, m.name);
	int lock = o->dry_run ? -1 : tar_rewrite_lock(dir);
	bool good = o->dry_run || (lock >= 0 && gone_clear(dir, m.name, a->keys, chain) == 0);
	good = good && seal_files(&m);
	if (lock >= 0)
		close(lock);
	free(dir);
	return good;
}

/* Oldest first, so that the chain tells them in their order. */
static bool
seal_months(const struct options *o, const struct mail_archive *a, struct chain *chain)
{
	struct month *months = NULL;
	size_t n = 0;
	bool good = true, any = false; /* months that are over */
	if (mail_archive_months(a, &months, &n) < 0) {
		log_error("cannot read %s: %s", a->dir, strerror(errno));
		return false;
	}
	for (size_t i = 0; i < n; i++)
		any = any || month_end(months[i]) < o->now;
	if (chain_open(chain, a, any && !o->dry_run) < 0)
		good = false;
	else
		while (n-- > 0)
			if (month_end(months[n]) < o->now)
				good = seal_month(o, a, chain, months[n]) && good;
	free(months);
	return good;
}

/* Who changes documents waits. */
static bool
seal_documents(const struct options *o, const struct mail_archive *a, struct chain *chain)
{
	char *holds = xasprintf("%s/" ARCHIVE_HOLDS, a->dir);
	bool any = access(holds, F_OK) == 0 && !o->dry_run;
	int keys = o->dry_run ? -1 : keys_lock(a);
	int lock = any ? archive_holds_lock(a->dir, false) : -1;
	bool good = (o->dry_run || keys >= 0) && (!any || lock >= 0) &&
		    chain_seal_documents(chain, o->dry_run) == 0;
	if (lock >= 0)
		close(lock);
	if (keys >= 0)
		close(keys);
	free(holds);
	return good;
}

/* The key of --key, else of the archive's document. */
static bool
sign(const struct options *o, const struct mail_archive *a, struct chain *chain)
{
	const char *path = o->seal_key ? o->seal_key : a->seal_key_file;
	struct seal_key key = {0};
	if (!path || o->dry_run || chain->fd < 0)
		return true;
	bool good = seal_key_read_private(&key, path) == 0 && chain_sign(chain, &key) == 0;
	seal_key_release(&key);
	return good;
}

static bool
print_head(const struct mail_archive *a, const struct chain *chain)
{
	const struct chain_state *s = &chain->state;
	struct buf line = {0};
	if (s->nheads == 0) {
		log_error("archive %s has nothing that was signed; mm-archive seal --key does "
			  "it",
			a->name);
		return false;
	}
	const struct chain_head *head = &s->heads[s->nheads - 1];
	head_line_write(&line, head);
	printf("%.*s\n", STR_ARG(buf_str(&line)));
	buf_release(&line);
	if (head->line < s->n)
		log_warn("archive %s: %llu lines of its chain came later and are not signed; "
			 "mm-archive seal --key does it",
			a->name, (unsigned long long)(s->n - head->line));
	return true;
}

static bool
seal_named(const struct options *o, const char *name)
{
	struct mail_archive a;
	struct chain chain = {.fd = -1};
	bool good = o->print ? mail_archive_find(&a, o->site, o->root, name) == 0
			     : mail_archive_open(&a, o->site, o->root, name) == 0;
	if (good && o->print) {
		good = chain_open(&chain, &a, false) >= 0 && print_head(&a, &chain);
	} else if (good) {
		good = seal_months(o, &a, &chain);
		good = seal_documents(o, &a, &chain) && good;
		good = sign(o, &a, &chain) && good;
	}
	chain_close(&chain);
	mail_archive_release(&a);
	return good;
}

/* Found to be wrong before anything is done. */
static bool
key_is_good(const char *path)
{
	struct seal_key key = {0};
	bool good = !path || seal_key_read_private(&key, path) == 0;
	seal_key_release(&key);
	return good;
}

static bool
are_there(const struct options *o, char **operands)
{
	bool good = true;
	for (char **name = operands; *name; name++) {
		struct mail_archive a;
		struct stat st;
		if (mail_archive_find(&a, o->site, o->root, *name) < 0) {
			good = false;
		} else if (stat(a.dir, &st) < 0) {
			log_error("cannot read %s: %s", a.dir, strerror(errno));
			good = false;
		}
		mail_archive_release(&a);
	}
	return good;
}

int
command_seal(struct options *o, char **operands)
{
	umask(027);
	if (!key_is_good(o->seal_key) || !are_there(o, operands))
		return EX_NOINPUT;
	if (each_archive(o, operands, seal_named))
		return EX_OK;
	return o->print ? EX_NOINPUT : EX_TEMPFAIL;
}
