#include <string.h>
#include <sysexits.h>

#include "commands.h"
#include "log.h"
#include "opt.h"

static const char help[] =
	"mm-queue: keep mail safe on disk until it is dealt with\n"
	"\n"
	"usage: mm-queue add [OPTION]... DIR [FILE|-]...     (a filter; mail is safe when it "
	"says ok)\n"
	"       mm-queue run [OPTION]... DIR -- WORKER [ARG]...\n"
	"       mm-queue list [--json] DIR [ID|TERM]...\n"
	"       mm-queue show DIR ID|TERM...\n"
	"       mm-queue stat [--json] [--by rcpt|from] DIR\n"
	"       mm-queue retry [-n] DIR --all | ID|TERM...\n"
	"       mm-queue hold|release|remove [-n] DIR ID|TERM...\n"
	"\n"
	"add:\n"
	"  --min-free SIZE   refuse, for now, when the disk has less free (default 32M)\n"
	"  --hold[=REASON]   hold what is added: it waits for `release`\n"
	"  for a bare message the envelope comes from --ip --helo --mail-from --rcpt-to...\n"
	"  --ingress --field NAME=VALUE, else from its header\n"
	"run:\n"
	"  --window N            records in flight at most (default 1000)\n"
	"  --window-bytes SIZE   and their octets (default 64M)\n"
	"  --retry-min DURATION  wait before the second attempt (default 5m); doubles each "
	"time\n"
	"  --retry-max DURATION  but no longer than this (default 4000s)\n"
	"  --lifetime DURATION   then give up and tell the sender (default 5d)\n"
	"  --delay-warning DURATION  tell the sender, once, that it waits (default 4h; 0: "
	"never)\n"
	"  --bounce always|verified|never   whom to send notifications (default verified: not\n"
	"                        to who may not have sent the message)\n"
	"  --timeout DURATION    that a worker may take for one record (default 3h; 0: any)\n"
	"  --grace DURATION      to finish what is in flight when told to stop (default 30s)\n"
	"  --poison N            hold a record at hand when N workers died (default 5)\n"
	"  --hostname NAME       ours, in delivery status notifications\n"
	"  --time-scale N        divide the waiting by N\n"
	"  -C DIR                the site directory\n"
	"\n"
	"list, show, retry, hold, release, remove:\n"
	"  of messages with one of the ids, if there are any, those that every term fits:\n"
	"  from:TEXT rcpt:TEXT reason:TEXT older:2h newer:2h larger:1M smaller:1M\n"
	"  held:yes|no tried:yes|no\n"
	"  -n, --dry-run         only list what would be changed\n"
	"stat:\n"
	"  --by rcpt|from        how many wait by domain, and for how many minutes\n"
	"\n"
	"  -h, --help\n"
	"\n"
	"example:\n"
	"  mm-smtpd -l :25 -i inbound -- mm-queue add /var/spool/mm/inbound\n"
	"  mm-queue run /var/spool/mm/inbound -- sh -c 'mm-verdict | mm-rule inbound'\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"add", command_add},
	{"run", command_run},
	{"list", command_list},
	{"show", command_show},
	{"stat", command_stat},
	{"retry", command_retry},
	{"hold", command_hold},
	{"release", command_release},
	{"remove", command_remove},
};

int
main(int argc, char **argv)
{
	log_init("mm-queue");
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
			opt_help(help);
	if (argc < 2)
		opt_usage(EX_TEMPFAIL, "expected a command: add, run, list, show, stat, retry, "
				       "hold, release or remove");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	opt_usage(EX_TEMPFAIL, "no command \"%s\"", argv[1]);
}
