/* mm-archive: archives of mail in directories that any tar can read. */
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "commands.h"
#include "log.h"
#include "mail_archive.h"
#include "opt.h"
#include "site.h"

static const char help[] =
	"mm-archive: archives of mail in directories that any tar can read\n\n"
	"  mm-archive create NAME|FILE.json [--retention PERIOD]\n"
	"      --encrypt [--key-file FILE]       with a key file that is made if need be\n"
	"      --shared                          several hosts write to it\n"
	"  mm-archive add NAME [MESSAGE...]      archive what comes as a stream (a filter)\n"
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

enum {
	OPT_ROOT = 256,
	OPT_RETENTION,
	OPT_NOW,
	OPT_RECORD,
	OPT_HEADERS,
	OPT_TEXT,
	OPT_HTML,
	OPT_ATTACHMENTS,
	OPT_EXTRACT,
	OPT_JSON,
	OPT_FORMAT,
	OPT_TO,
	OPT_ALL,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_REASON,
	OPT_QUERY,
	OPT_IDS,
	OPT_METADATA,
	OPT_ENCRYPT,
	OPT_SHARED,
	OPT_KEY_FILE,
	OPT_NEW_KEY_FILE,
	OPT_NEW_DATA_KEY,
	OPT_KEY,
	OPT_PUBLIC_KEY,
	OPT_HEAD,
	OPT_PRINT
};

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

static enum mbox_kind
format_of(const char *word)
{
	static const char *const words[] = {"auto", "mbox", "message"};
	for (int i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum mbox_kind)i;
	opt_usage(EX_USAGE, "expected --format auto, mbox or message");
}

static int64_t
time_of(const char *option, int usage)
{
	int64_t ms;
	if (clock_parse_rfc3339(str_of(optarg), &ms) < 0)
		opt_usage(usage, "expected --%s with a time such as 2026-11-22T10:00:00Z",
			option);
	return ms;
}

static void
take_form(struct options *o, enum get_form form)
{
	if (o->form != GET_MESSAGE && o->form != form)
		opt_usage(EX_USAGE, "expected one of --record, --headers, --text, --html, "
				    "--attachments, --extract");
	o->form = form;
}

static void
take_option(struct options *o, const struct command *c, int opt)
{
	int usage = c->filter ? EX_TEMPFAIL : EX_USAGE;
	switch (opt) {
	case 'h':
		opt_help(help);
	case 'C':
		o->site = optarg;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case OPT_ROOT:
		o->root = optarg;
		break;
	case OPT_RETENTION:
		o->retention = optarg;
		break;
	case OPT_ENCRYPT:
		o->encrypt = true;
		break;
	case OPT_SHARED:
		o->shared = true;
		break;
	case OPT_KEY_FILE:
		o->key_file = optarg;
		break;
	case OPT_NEW_KEY_FILE:
		o->new_key_file = optarg;
		break;
	case OPT_NEW_DATA_KEY:
		o->new_data_key = true;
		break;
	case OPT_KEY:
		o->seal_key = optarg;
		break;
	case OPT_PUBLIC_KEY:
		o->public_key = optarg;
		break;
	case OPT_HEAD:
		o->head = optarg;
		break;
	case OPT_PRINT:
		o->print = true;
		break;
	case OPT_NOW:
		o->now = time_of("now", usage);
		break;
	case OPT_SINCE:
		o->since = time_of("since", usage);
		break;
	case OPT_UNTIL:
		o->until = time_of("until", usage);
		break;
	case OPT_TO:
		o->to = optarg;
		break;
	case OPT_REASON:
		o->reason = optarg;
		break;
	case OPT_QUERY:
		o->query = optarg;
		break;
	case OPT_IDS:
		o->ids = true;
		break;
	case OPT_METADATA:
		o->metadata = true;
		break;
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_ALL:
		o->all = true;
		break;
	case OPT_RECORD:
		take_form(o, GET_RECORD);
		break;
	case OPT_FORMAT:
		o->source_kind = format_of(optarg);
		break;
	case OPT_HEADERS:
		take_form(o, GET_HEADERS);
		break;
	case OPT_TEXT:
		take_form(o, GET_TEXT);
		break;
	case OPT_HTML:
		take_form(o, GET_HTML);
		break;
	case OPT_ATTACHMENTS:
		take_form(o, GET_ATTACHMENTS);
		break;
	case OPT_EXTRACT:
		take_form(o, GET_EXTRACT);
		o->extract = optarg;
		break;
	case 'd':
		o->directory = optarg;
		break;
	default:
		if (!c->filter || !filter_option(&o->filter, opt, optarg))
			opt_usage(usage, "bad option");
	}
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {{"help", no_argument, NULL, 'h'},
		{"root", required_argument, NULL, OPT_ROOT},
		{"retention", required_argument, NULL, OPT_RETENTION},
		{"now", required_argument, NULL, OPT_NOW},
		{"encrypt", no_argument, NULL, OPT_ENCRYPT},
		{"shared", no_argument, NULL, OPT_SHARED},
		{"key-file", required_argument, NULL, OPT_KEY_FILE},
		{"new-key-file", required_argument, NULL, OPT_NEW_KEY_FILE},
		{"new-data-key", no_argument, NULL, OPT_NEW_DATA_KEY},
		{"key", required_argument, NULL, OPT_KEY},
		{"public-key", required_argument, NULL, OPT_PUBLIC_KEY},
		{"head", required_argument, NULL, OPT_HEAD},
		{"print", no_argument, NULL, OPT_PRINT},
		{"record", no_argument, NULL, OPT_RECORD},
		{"headers", no_argument, NULL, OPT_HEADERS},
		{"text", no_argument, NULL, OPT_TEXT}, {"html", no_argument, NULL, OPT_HTML},
		{"attachments", no_argument, NULL, OPT_ATTACHMENTS},
		{"extract", required_argument, NULL, OPT_EXTRACT},
		{"json", no_argument, NULL, OPT_JSON},
		{"format", required_argument, NULL, OPT_FORMAT},
		{"to", required_argument, NULL, OPT_TO}, {"all", no_argument, NULL, OPT_ALL},
		{"since", required_argument, NULL, OPT_SINCE},
		{"until", required_argument, NULL, OPT_UNTIL},
		{"reason", required_argument, NULL, OPT_REASON},
		{"query", required_argument, NULL, OPT_QUERY},
		{"ids", no_argument, NULL, OPT_IDS},
		{"metadata", no_argument, NULL, OPT_METADATA}, FILTER_OPTIONS,
		{NULL, 0, NULL, 0}};
	static struct options o;
	int opt;
	o.now = clock_now_ms();
	o.since = INT64_MIN;
	o.until = INT64_MAX;
	log_init("mm-archive");
	if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
		opt_help(help);
	const struct command *c = find_command(argv[1]);
	signal(SIGPIPE, SIG_DFL);
	if (c->filter)
		filter_init(&o.filter, NULL, NULL);
	while ((opt = getopt_long(argc - 1, argv + 1, "hC:d:n", long_options, NULL)) != -1)
		take_option(&o, c, opt);
	char **operands = argv + 1 + optind;
	int n = argc - 1 - optind;
	if (n < c->min || (c->max >= 0 && n > c->max))
		opt_usage(c->filter ? EX_TEMPFAIL : EX_USAGE, "%s: expected %s", c->name,
			n < c->min ? c->min > 1               ? "an archive and a path"
				     : c->run == command_hold ? "add, remove, list or find"
							      : "the name of an archive"
				   : "fewer operands");
	o.site = site_dir(o.site);
	mail_archive_use_key_file(o.key_file);
	int status = c->run(&o, operands);
	if (c->filter)
		return status;
	opt_finish(status);
}
