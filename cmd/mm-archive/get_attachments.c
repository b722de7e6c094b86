#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "attachment.h"
#include "clean_text.h"
#include "columns.h"
#include "get_attachments.h"
#include "io.h"
#include "json_line.h"
#include "log.h"
#include "num.h"
#include "safe_name.h"

#define SAME_NAME_MAX 10000
#define TYPE_COLUMNS 32

struct extracting {
	struct str id, which;
	const char *dir;
	int dirfd;
	int number; /* 0: by name */
	bool all;
	unsigned found; /* that are meant */
	int status;
};

static void
set(json_t *o, const char *key, struct str value)
{
	json_object_set_new(o, key, json_stringn(value.p, value.n));
}

static int
list_json(void *arg, const struct attachment *a)
{
	const struct str *id = arg;
	struct buf type = {0};
	json_t *o = json_object();
	clean_text_add(&type, a->type);
	set(o, "ArchivedMessageId", *id);
	json_object_set_new(o, "Number", json_integer(a->number));
	set(o, "ContentType", buf_str(&type));
	json_object_set_new(o, "Size", json_integer((json_int_t)a->octets.n));
	if (a->name.n)
		set(o, "FileName", a->name);
	json_line_print(o);
	json_decref(o);
	buf_release(&type);
	return 0;
}

static int
list_row(void *arg, const struct attachment *a)
{
	const struct str *id = arg;
	printf("%.*s  %3u  %10zu  ", STR_ARG(*id), a->number, a->octets.n);
	if (a->name.n) {
		columns_cell(a->type, TYPE_COLUMNS);
		fputs("  ", stdout);
		columns_fit(a->name, 0);
	} else {
		columns_fit(a->type, 0);
	}
	putchar('\n');
	return 0;
}

int
attachments_list(struct str id, struct str message, bool json)
{
	(void)attachments(message, json ? list_json : list_row, &id);
	return EX_OK;
}

static bool
is_meant(const struct extracting *x, const struct attachment *a)
{
	if (x->all)
		return true;
	return x->number ? a->number == (unsigned)x->number : str_eq(a->name, x->which);
}

/* A file that was not there, by that name or the name with a number: its descriptor, or -1. */
static int
make_file(struct extracting *x, struct buf *name)
{
	struct buf first = {0};
	buf_adds(&first, buf_str(name));
	int fd = -1;
	for (unsigned n = 1; n <= SAME_NAME_MAX; n++) {
		fd = openat(x->dirfd, buf_cstr(name),
			O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
		safe_name_numbered(name, buf_str(&first), n);
	}
	buf_release(&first);
	return fd;
}

static int
failed(struct extracting *x, const char *name)
{
	log_error("cannot write %s/%s: %s", x->dir, name, strerror(errno));
	x->status = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? EX_TEMPFAIL
									 : EX_CANTCREAT;
	return -1;
}

static int
write_file(struct extracting *x, const struct attachment *a)
{
	struct buf name = {0};
	safe_name(&name, a->name, a->type, a->number);
	int fd = make_file(x, &name), rc = 0;
	if (fd < 0)
		rc = failed(x, buf_cstr(&name));
	else if (io_write_all(fd, a->octets.p, a->octets.n) < 0)
		rc = failed(x, buf_cstr(&name));
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = failed(x, buf_cstr(&name));
	if (fd >= 0 && rc < 0)
		(void)unlinkat(x->dirfd, buf_cstr(&name), 0);
	if (rc == 0)
		printf("%s/%s\n", x->dir, buf_cstr(&name));
	buf_release(&name);
	return rc;
}

static int
count_one(void *arg, const struct attachment *a)
{
	struct extracting *x = arg;
	x->found += is_meant(x, a);
	return 0;
}

static int
extract_one(void *arg, const struct attachment *a)
{
	struct extracting *x = arg;
	if (!is_meant(x, a))
		return 0;
	if (x->dirfd >= 0)
		return write_file(x, a);
	(void)fwrite(a->octets.p, 1, a->octets.n, stdout);
	return 0;
}

/* Is there what was asked for? */
static bool
is_there(struct extracting *x, struct str message, bool one)
{
	(void)attachments(message, count_one, x);
	if (x->found == 0 && !x->all)
		log_error("message %.*s has no attachment %.*s", STR_ARG(x->id),
			STR_ARG(x->which));
	else if (one && x->found != 1)
		log_error("message %.*s has %u such attachments, expected one for standard "
			  "output; see --attachments",
			STR_ARG(x->id), x->found);
	else
		return true;
	x->status = EX_NOINPUT;
	return false;
}

int
attachments_extract(struct str id, struct str message, const char *which, const char *dir)
{
	struct extracting x = {.id = id,
		.which = str_of(which),
		.dir = dir,
		.dirfd = -1,
		.all = strcmp(which, "all") == 0};
	bool standard = strcmp(dir, "-") == 0;
	if (num_int(x.which, 1, INT32_MAX, &x.number) < 0)
		x.number = 0;
	if (!is_there(&x, message, standard))
		return x.status;
	if (!standard) {
		x.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (x.dirfd < 0) {
			log_error("cannot open the directory %s: %s", dir, strerror(errno));
			return EX_CANTCREAT;
		}
	}
	(void)attachments(message, extract_one, &x);
	if (x.dirfd >= 0)
		close(x.dirfd);
	return x.status;
}
