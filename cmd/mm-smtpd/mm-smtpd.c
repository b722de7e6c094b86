#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "log.h"
#include "metrics.h"
#include "opt.h"
#include "options.h"
#include "passwd.h"
#include "server.h"
#include "setup.h"
#include "stderr.h"
#include "tickets.h"
#include "workers.h"

static const char help[] =
	"mm-smtpd: take mail by SMTP, ask a policy about each recipient, hand each message\n"
	"to a handler, and answer with the handler's outcome\n"
	"\n"
	"  mm-smtpd [options] -- HANDLER ARG...\n"
	"  mm-smtpd --check [options]\n"
	"  mm-smtpd passwd [--scram] USER\n"
	"                            read a password, print a line for --credentials\n"
	"\n"
	"  -C, --site DIR            the site (else $MM_SITE, /etc/mm)\n"
	"  -i, --ingress NAME        be this ingress point of the site\n"
	"  -l, --listen [tls:]ADDR:PORT, unix:PATH, fd:N or systemd\n"
	"                            listen (again for more; :25 is every address; tls:\n"
	"                            is TLS from the first octet; fd:N listens already,\n"
	"                            as what systemd passes does); without it, one session\n"
	"                            on descriptors 0 and 1\n"
	"  -L, --lmtp                speak LMTP: one reply a recipient\n"
	"  -w, --workers N           serve with N processes (else with this one)\n"
	"      --cert FILE           certificate chain, PEM (else SITE/tls/cert.pem and\n"
	"                            SITE/tls/*/cert.pem; again for more, chosen by the\n"
	"                            host name that the client asks for)\n"
	"      --key FILE            its key (else key.pem beside it in the site, or in\n"
	"                            the same file)\n"
	"      --policy COMMAND      ask this filter about each recipient (else mm-policy\n"
	"                            with the traffic policy of the ingress point)\n"
	"      --no-policy           take every recipient\n"
	"      --credentials FILE    who may log in, lines of mm-smtpd passwd\n"
	"      --require-tls, --require-auth\n"
	"                            before MAIL (else as the ingress point says)\n"
	"      --hostname NAME       ours, in the greeting and in Received\n"
	"      --max-size N          octets a message (40M); --max-line N a line (64K)\n"
	"      --max-connections N   (1000); --max-per-address N (100)\n"
	"      --max-recipients N    a message (100); --max-errors N a session (10)\n"
	"      --max-hops N          Received fields (100)\n"
	"      --timeout T           for the client (5m); --handler-timeout T (9m)\n"
	"      --policy-timeout T    (30s); --auth-delay T after a failed login (1s)\n"
	"      --greet-delay T       wait, and refuse who speaks first (0)\n"
	"      --proxy NETS          these send the PROXY protocol first: 192.0.2.0/24,unix\n"
	"      --xclient NETS        these may say XCLIENT\n"
	"      --user NAME           become that user once the sockets are open\n"
	"      --port-file FILE, --ready-fd N\n"
	"                            lines \"ADDR PORT\", \"unix PATH\" once it listens\n"
	"      --log FILE            append the log there\n"
	"      --log-json            log each accepted message as JSON too, as AWS does\n"
	"      --metrics WHERE       counters for Prometheus in a FILE, or at unix:PATH\n"
	"      --check               only tell what is wrong with site and options\n"
	"  -h, --help\n"
	"\n"
	"example\n"
	"  mm-smtpd -l :25 -i inbound -- mm-queue add /var/spool/mm/inbound\n";

/* The counters come before whoever counts. */
static int
serve(const struct config *cfg)
{
	if (cfg->metrics && metrics_open() < 0) {
		log_error("no memory for counters: %s", strerror(errno));
		return EX_TEMPFAIL;
	}
	int status = cfg->workers ? workers_run(cfg) : server_run(cfg);
	metrics_close();
	return status;
}

int
main(int argc, char **argv)
{
	struct config cfg;
	log_init("mm-smtpd");
	if (argc > 1 && strcmp(argv[1], "passwd") == 0)
		passwd_main(argc - 1, argv + 1);
	stderr_detach();
	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* passwords and mail */
	options_parse(&cfg, argc, argv, help);
	int problems = setup_complete(&cfg), status;
	problems += tickets_init() < 0;
	if (cfg.check)
		status = server_check(&cfg) < 0 || problems ? EX_DATAERR : EX_OK;
	else if (problems)
		status = EX_TEMPFAIL;
	else
		status = serve(&cfg);
	setup_release(&cfg);
	return status;
}
