/* mm-archive: archives of mail in directories that any tar can read. */
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "log.h"
#include "mail_archive.h"
#include "mem.h"
#include "opt.h"
#include "site.h"

static const char help[] =
	"mm-archive: archives of mail in directories that any tar can read\n\n"
	"  mm-archive create NAME|FILE.json [--retention PERIOD]\n"
	"      --encrypt [--key-file FILE]       with a key file that is made if need be\n"
	"      --shared                          several hosts write to it\n"
	"  mm-archive add NAME [MESSAGE...]      archive what comes as a stream (a filter)\n"
	"      --idle TIME                       let go of what is idle (60s)\n"
	"  mm-archive import NAME [PATH...]      archive mbox files, Maildirs, directories, "
	"tar "
	"and\n"
	"                                        zip files of messages; - or none: standard "
	"input\n"
	"      --format auto|mbox|message        each file is an mbox, or one message\n"
	"      --metadata                        envelope, time and id from NAME.json beside "
	"NAME.eml\n"
	"  mm-archive get NAME [ID...]           the messages, or those listed on standard "
	"input\n"
	"      --record                          as a mail stream, with their envelopes\n"
	"      --headers                         only their headers\n"
	"      --text | --html                   their text for reading, or their HTML, in "
	"UTF-8\n"
	"      --attachments [--json]            list their attachments\n"
	"      --extract N|NAME|all [-d DIR]     write attachments to files; -d -: standard "
	"output\n"
	"  mm-archive export NAME PATH|- [ID...] the messages, or those listed on standard "
	"input, as\n"
	"      --to mbox|maildir|eml|tar|tar.gz|tar.zst|zip   if PATH does not end so\n"
	"      --all | --since TIME --until TIME instead of ids\n"
	"      --metadata                        ID.json beside each message of eml, tar, zip\n"
	"      --query QUERY                     (get, export) instead of ids: as mm-search "
	"has "
	"it\n"
	"  mm-archive list                       the site's archives\n"
	"  mm-archive stat NAME                  messages and octets of each month\n"
	"  mm-archive cat NAME FILE...           the tar files, decrypted, for tar to read\n"
	"  mm-archive rekey NAME [--new-key-file FILE] [--new-data-key]\n"
	"                                        wrap the data keys anew; add one for new "
	"files\n"
	"  mm-archive prune [-n] [NAME...]       remove what has expired; -n: say what would "
	"go\n"
	"  mm-archive hold add [-n] NAME HOLD --reason TEXT --query QUERY | --ids\n"
	"                                        keep what the query finds, now and later, or "
	"the ids\n"
	"                                        on standard input, whatever the retention\n"
	"  mm-archive hold remove NAME HOLD --reason TEXT\n"
	"  mm-archive hold list [--json] [NAME...]  holds and how much is under them\n"
	"  mm-archive hold find NAME ID          the holds that the message is under\n"
	"  mm-archive forget [-n] NAME --reason TEXT [ID...]\n"
	"                                        erase the messages, or those listed on "
	"standard input,\n"
	"                                        for good; -n: say which files would be "
	"written anew\n"
	"  mm-archive compact [-n] [NAME...]     cut months that are over into larger frames\n"
	"  mm-archive seal [-n] [NAME...]        close months that are over, in a chain of "
	"hashes\n"
	"      --key FILE                        and sign that with an Ed25519 key\n"
	"      --print                           what was signed last, as a line to keep\n"
	"  mm-archive verify NAME                every frame against its hash and the index; "
	"the chain\n"
	"      --public-key FILE --head LINE     and what was signed, and a line that was "
	"kept\n"
	"  mm-archive reindex NAME               index whatever the tar files hold\n\n"
	"all take\n"
	"  -C DIR        the site directory ($MM_SITE, /etc/mm)\n"
	"  --root DIR    where the archives are ($MM_ARCHIVE_ROOT, ArchiveRoot of site.json)\n"
	"  --key-file F  an encrypted archive's, else what its document names\n"
	"  --now TIME    (get, export, prune, compact, seal) as if it were that time\n"
	"add: " FILTER_HELP "\n"
	"example: a month in plain text\n"
	"  tar -xOf /var/lib/mm/archives/NutritionCo/2026-11/22-mx1-0001.tar.zst\n";

static const struct command {
	const char *name;
	int (*run)(struct options *o, char **operands);
	int min, max; /* operands; max -1: any number */
	bool filter;
} commands[] = {
	{"create", command_create, 1, 1, false},
	{"add", command_add, 1, -1, true},
	{"import", command_import, 1, -1, false},
	{"get", command_get, 1, -1, false},
	{"export", command_export, 2, -1, false},
	{"list", command_list, 0, 0, false},
	{"stat", command_stat, 1, 1, false},
	{"cat", command_cat, 2, -1, false},
	{"rekey", command_rekey, 1, 1, false},
	{"prune", command_prune, 0, -1, false},
	{"hold", command_hold, 1, -1, false},
	{"forget", command_forget, 1, -1, false},
	{"compact", command_compact, 0, -1, false},
	{"seal", command_seal, 0, -1, false},
	{"verify", command_verify, 1, 1, false},
	{"reindex", command_reindex, 1, 1, false},
};

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (name && strcmp(commands[i].name, name) == 0)
			return &commands[i];
	opt_usage(EX_USAGE,
		"expected create, add, import, get, export, list, stat, cat, rekey, prune, "
		"hold, forget, compact, seal, verify or reindex");
}

/* What is wrong with how many there are, or NULL. */
static const char *
check_operands(const struct command *c, int n)
{
	if (c->max >= 0 && n > c->max)
		return "fewer operands";
	if (n >= c->min)
		return NULL;
	if (c->min > 1)
		return "an archive and a path";
	return c->run == command_hold ? "add, remove, list or find" : "the name of an archive";
}

int
main(int argc, char **argv)
{
	static struct options o;
	log_init("mm-archive");
	/* counting what is allocated takes a mutex for every allocation */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
		opt_help(help);
	const struct command *c = find_command(argv[1]);
	signal(SIGPIPE, SIG_DFL);
	argv[1] = xasprintf("%s: %s", log_prog(), c->name); /* getopt_long says it */
	char **operands = options_read(&o, c->name, c->filter, argc - 1, argv + 1, help);
	const char *expected = check_operands(c, argc - (int)(operands - argv));
	if (expected)
		opt_usage(c->filter ? EX_TEMPFAIL : EX_USAGE, "%s: expected %s", c->name,
			expected);
	o.site = site_dir(o.site);
	mail_archive_use_key_file(o.key_file);
	int status = c->run(&o, operands);
	if (c->filter)
		return status;
	opt_finish(status);
}
