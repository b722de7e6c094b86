#include <inttypes.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "adder.h"
#include "bare.h"
#include "clock.h"
#include "commands.h"
#include "import_time.h"
#include "log.h"
#include "mem.h"
#include "metadata.h"
#include "progress.h"
#include "sandbox.h"
#include "source.h"
#include "source_metadata.h"

/* What is committed together: the more, the fewer waits for the disk. */
#define WINDOW_MESSAGES 16384
#define WINDOW_OCTETS (48u << 20)

#define HASH_OCTETS 20 /* of SHA-256, in ids */
#define HEADER_LINES 200

struct importing {
	struct adder adder;
	struct source source;
	struct progress progress;
	uint64_t octets, octets_all; /* read; to be read, or 0 */
	size_t found, added, duplicates, bad, failed;
	int64_t now;
	bool stop;
};

static void
on_done(void *ctx, struct pending *p, int rc, bool full)
{
	struct importing *im = ctx;
	(void)full;
	if (rc != 0)
		im->failed++;
	else if (p->duplicate)
		im->duplicates++;
	else
		im->added++;
	im->stop = im->stop || rc != 0;
	record_free(p->rec);
}

static void
on_bad(void *ctx, const char *path, uint64_t at, const char *what)
{
	struct importing *im = ctx;
	im->bad++;
	progress_clear(&im->progress);
	log_error("%s: byte %" PRIu64 ": %s", path, at, what);
}

static bool
is_named(struct str name, const char *wanted)
{
	struct str w = str_of(wanted);
	return str_istarts(name, w) && str_trim(str_skip(name, w.n)).n == 0;
}

/* Is there anything like a message's header?  Real ones may begin with anything. */
static bool
has_header(struct str octets)
{
	static const char *const names[] = {"From", "To", "Subject", "Date", "Received",
		"Return-Path", "Message-ID", "MIME-Version", "Content-Type", "Sender",
		"Delivered-To", "Cc", "Bcc", "Reply-To"};
	for (int i = 0; i < HEADER_LINES && octets.n; i++) {
		struct str line = str_cut(&octets, '\n'), name = str_cut(&line, ':');
		for (size_t k = 0; line.p && k < sizeof(names) / sizeof(names[0]); k++)
			if (is_named(name, names[k]))
				return true;
	}
	return false;
}

/* The same message with the same time is the same id, whoever imports it when. */
static void
set_id(struct record *r, const char *time)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char id[32 + 2 * HASH_OCTETS];
	size_t n = 0;
	for (const char *p = time; *p && *p != '.'; p++)
		if (*p != '-' && *p != ':')
			id[n++] = *p;
	n += (size_t)snprintf(id + n, sizeof(id) - n, "Z-");
	SHA256((const unsigned char *)r->body->p, r->body->n, digest);
	for (int i = 0; i < HASH_OCTETS; i++)
		n += (size_t)snprintf(id + n, sizeof(id) - n, "%02x", digest[i]);
	record_add(r, "id", str_of(id));
}

/* False: what is wrong with it was told. */
static bool
take_metadata(struct importing *im, const struct found *f, struct record *r, int64_t *received)
{
	struct problems problems = {0};
	char *name = xasprintf("%s: metadata", f->path);
	bool good = !f->metadata.p ||
		    metadata_read(r, received, im->now, name, f->metadata, &problems) == 0;
	free(name);
	if (!good) {
		progress_clear(&im->progress);
		problems_log(&problems);
		im->bad++;
	}
	problems_release(&problems);
	return good;
}

static void
on_message(void *ctx, const struct found *f)
{
	struct importing *im = ctx;
	im->octets += f->octets.n;
	if (f->octets.n == 0 || (!f->certain && !has_header(f->octets))) {
		on_bad(im, f->path, f->at,
			f->octets.n ? "expected a message, found no header"
				    : "expected a message, found nothing");
		return;
	}
	struct record *r = record_new();
	int64_t received = import_time(f, im->now);
	char time[CLOCK_RFC3339_SIZE];
	if (!take_metadata(im, f, r, &received)) {
		record_free(r);
		return;
	}
	record_set_body(r, blob_join(f->octets, STR_NONE));
	clock_rfc3339(received, time);
	if (!record_has(r, "id"))
		set_id(r, time);
	record_add(r, "received", str_of(time));
	if (f->flags.n)
		record_add(r, "flags", f->flags);
	bare_complete(r);
	adder_take(&im->adder, r, received);
	im->found++;
	if (im->adder.n >= WINDOW_MESSAGES || im->adder.octets >= WINDOW_OCTETS)
		adder_commit(&im->adder);
	progress_show(&im->progress, im->found, im->octets, im->octets_all);
}

/* What the progress bar measures against: known only of plain files. */
static uint64_t
octets_of(char **paths)
{
	struct stat st;
	uint64_t n = 0;
	for (; *paths; paths++) {
		if (stat(*paths, &st) < 0 || !S_ISREG(st.st_mode))
			return 0;
		n += (uint64_t)st.st_size;
	}
	return n;
}

static int
summary(struct importing *im)
{
	progress_clear(&im->progress);
	printf("%zu imported  %zu duplicates  %zu bad  %zu passed over\n", im->added,
		im->duplicates, im->bad, im->source.passed_over);
	if (im->failed) {
		log_error("%zu messages could not be archived; the same command goes on where "
			  "this one ended",
			im->failed);
		return EX_TEMPFAIL;
	}
	if (im->source.unreadable)
		return EX_NOINPUT;
	return im->bad ? EX_DATAERR : EX_OK;
}

int
command_import(struct options *o, char **operands)
{
	struct importing im = {.adder = {.done = on_done, .ctx = &im},
		.source = {.message = on_message,
			.bad = on_bad,
			.ctx = &im,
			.stop = &im.stop,
			.kind = o->source_kind},
		.now = clock_now_ms()};
	int status = EX_TEMPFAIL;
	static char stdin_name[] = "-";
	char *standard[] = {stdin_name, NULL};
	char **paths = operands[1] ? operands + 1 : standard;
	if (adder_open(&im.adder, o->site, o->root, operands[0]) == 0 &&
		(!o->metadata || (im.source.metadata = source_metadata_new()))) {
		sandbox_enter(SANDBOX_WRITE);
		im.octets_all = octets_of(paths);
		progress_start(&im.progress);
		for (; *paths && !im.stop; paths++)
			source_read(&im.source, *paths);
		if (!im.stop)
			adder_commit(&im.adder);
		status = summary(&im);
	}
	source_metadata_free(im.source.metadata);
	adder_close(&im.adder);
	return status;
}
