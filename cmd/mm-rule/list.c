#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "addrlist.h"
#include "list.h"
#include "list_text.h"
#include "mem.h"
#include "opt.h"
#include "site.h"

static const char help[] =
	"mm-rule list: look into and change the address lists of a site\n"
	"\n"
	"usage: mm-rule list [-C SITE] add NAME ENTRY...\n"
	"       mm-rule list [-C SITE] del NAME ENTRY...\n"
	"       mm-rule list [-C SITE] find NAME ADDRESS...\n"
	"       mm-rule list [-C SITE] import [--replace] NAME FILE\n"
	"\n"
	"  -C SITE     the site directory; else $MM_SITE, else /etc/mm\n"
	"  --replace   the list holds what FILE says and nothing else\n"
	"  -h, --help\n"
	"\n"
	"find prints which of the addresses are on the list; exit 1 when not all are.\n"
	"del: exit 1 when an entry was not there.  FILE is CSV or JSON; - is standard\n"
	"input.\n"
	"\n"
	"example: mm-rule list import blocked addresses.csv\n";

static const struct option long_options[] = {
	{"site", required_argument, NULL, 'C'},
	{"replace", no_argument, NULL, 'r'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

struct options {
	const char *site;
	bool replace;
};

/* The list's file; NULL when the name cannot be one.  The caller frees. */
static char *
path_of(const char *site, const char *name, bool create)
{
	char *path = site_find(site, SITE_ADDRESS_LIST, str_of(name));
	if (path)
		return path;
	struct str own = site_reference_name(str_of(name));
	if (!create || own.n == 0 || own.n > 255 || own.p[0] == '.' ||
		memchr(own.p, '/', own.n))
		return NULL;
	char *folder = xasprintf("%s/address-lists", site);
	(void)mkdir(folder, 0755);
	path = xasprintf("%s/%.*s", folder, STR_ARG(own));
	free(folder);
	return path;
}

/* One writer at a time: the folder is the lock. */
static int
lock_folder(const char *path)
{
	char *folder = xstrdup(path);
	*strrchr(folder, '/') = '\0';
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd >= 0)
		(void)flock(fd, LOCK_EX);
	return fd;
}

/* False when an entry to be removed was not there. */
static bool
change(struct list_text *l, const char *verb, char **words, struct problems *ps)
{
	bool all = true;
	if (strcmp(verb, "import") == 0) {
		list_import(l, words[0], ps);
		return true;
	}
	for (; *words; words++) {
		if (strcmp(verb, "add") == 0)
			list_text_add(l, str_of(*words), *words, 0, ps);
		else
			all = list_text_remove(l, str_of(*words)) && all;
	}
	return all;
}

static int
write_list(const char *path, const char *verb, char **words, bool replace)
{
	struct problems ps = {0};
	struct list_text l;
	int fd = lock_folder(path), status = EX_OK;
	if (list_text_read(&l, path, &ps) == 0) {
		if (replace) {
			list_text_release(&l);
			l = (struct list_text){.changed = 1};
		}
		status = change(&l, verb, words, &ps) ? EX_OK : 1;
		if (ps.errors == 0)
			(void)list_text_write(&l, path, &ps);
	}
	list_text_release(&l);
	if (fd >= 0)
		close(fd);
	problems_print(&ps, stderr);
	status = ps.errors ? EX_DATAERR : status;
	problems_release(&ps);
	return status;
}

static int
find(const char *path, char **addresses)
{
	struct problems ps = {0};
	struct addrlist *l = addrlist_load(path, &ps);
	int status = l ? EX_OK : EX_DATAERR;
	for (; l && *addresses; addresses++) {
		if (addrlist_contains(l, str_of(*addresses)))
			printf("%s\n", *addresses);
		else
			status = 1;
	}
	addrlist_free(l);
	problems_print(&ps, stderr);
	problems_release(&ps);
	return status;
}

static int
run(const struct options *o, char **words)
{
	static const char *const verbs[] = {"add", "del", "find", "import"};
	const char *verb = words[0];
	bool known = false;
	for (size_t i = 0; verb && i < 4; i++)
		known = known || strcmp(verb, verbs[i]) == 0;
	if (!known || !words[1] || !words[2])
		opt_usage(EX_USAGE, "list: expected add, del, find or import, then NAME and "
				    "what it is about");
	if (strcmp(verb, "import") == 0 ? words[3] != NULL : o->replace)
		opt_usage(EX_USAGE, "list: --replace and one FILE go with import");
	bool create = strcmp(verb, "add") == 0 || strcmp(verb, "import") == 0;
	char *path = path_of(o->site, words[1], create);
	if (!path)
		opt_usage(EX_DATAERR, "list: there is no address list \"%s\" in %s", words[1],
			o->site);
	int status = strcmp(verb, "find") == 0 ? find(path, words + 2)
					       : write_list(path, verb, words + 2, o->replace);
	free(path);
	return status;
}

int
list_main(int argc, char **argv)
{
	struct options o = {0};
	int opt;
	while ((opt = getopt_long(argc, argv, "C:h", long_options, NULL)) != -1) {
		if (opt == 'C')
			o.site = optarg;
		else if (opt == 'r')
			o.replace = true;
		else if (opt == 'h')
			opt_help(help);
		else
			opt_usage(EX_USAGE, "bad option");
	}
	o.site = site_dir(o.site);
	return run(&o, argv + optind);
}
