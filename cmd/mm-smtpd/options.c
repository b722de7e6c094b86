#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"
#include "num.h"
#include "opt.h"
#include "options.h"
#include "site.h"
#include "stream.h"
#include "workers.h"

enum {
	OPT_CERT = 0x100,
	OPT_KEY,
	OPT_POLICY,
	OPT_NO_POLICY,
	OPT_CREDENTIALS,
	OPT_HOSTNAME,
	OPT_REQUIRE_TLS,
	OPT_REQUIRE_AUTH,
	OPT_PROXY,
	OPT_XCLIENT,
	OPT_READY_FD,
	OPT_PORT_FILE,
	OPT_LOG,
	OPT_CHECK,
	OPT_LOG_JSON,
	OPT_METRICS,
	OPT_USER,
	OPT_SIZES,
	OPT_DURATIONS = 0x200,
};

static const struct option long_options[] = {
	{"site", required_argument, NULL, 'C'},
	{"ingress", required_argument, NULL, 'i'},
	{"listen", required_argument, NULL, 'l'},
	{"lmtp", no_argument, NULL, 'L'},
	{"workers", required_argument, NULL, 'w'},
	{"help", no_argument, NULL, 'h'},
	{"cert", required_argument, NULL, OPT_CERT},
	{"key", required_argument, NULL, OPT_KEY},
	{"policy", required_argument, NULL, OPT_POLICY},
	{"no-policy", no_argument, NULL, OPT_NO_POLICY},
	{"credentials", required_argument, NULL, OPT_CREDENTIALS},
	{"hostname", required_argument, NULL, OPT_HOSTNAME},
	{"require-tls", no_argument, NULL, OPT_REQUIRE_TLS},
	{"require-auth", no_argument, NULL, OPT_REQUIRE_AUTH},
	{"proxy", required_argument, NULL, OPT_PROXY},
	{"xclient", required_argument, NULL, OPT_XCLIENT},
	{"ready-fd", required_argument, NULL, OPT_READY_FD},
	{"port-file", required_argument, NULL, OPT_PORT_FILE},
	{"check", no_argument, NULL, OPT_CHECK},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-json", no_argument, NULL, OPT_LOG_JSON},
	{"metrics", required_argument, NULL, OPT_METRICS},
	{"user", required_argument, NULL, OPT_USER},
	{"max-size", required_argument, NULL, OPT_SIZES + 0},
	{"max-line", required_argument, NULL, OPT_SIZES + 1},
	{"max-hops", required_argument, NULL, OPT_SIZES + 2},
	{"max-connections", required_argument, NULL, OPT_SIZES + 3},
	{"max-per-address", required_argument, NULL, OPT_SIZES + 4},
	{"max-recipients", required_argument, NULL, OPT_SIZES + 5},
	{"max-errors", required_argument, NULL, OPT_SIZES + 6},
	{"timeout", required_argument, NULL, OPT_DURATIONS + 0},
	{"handler-timeout", required_argument, NULL, OPT_DURATIONS + 1},
	{"policy-timeout", required_argument, NULL, OPT_DURATIONS + 2},
	{"greet-delay", required_argument, NULL, OPT_DURATIONS + 3},
	{"auth-delay", required_argument, NULL, OPT_DURATIONS + 4},
	{NULL, 0, NULL, 0},
};

static const struct {
	const char *name;
	size_t offset;
	uint64_t normal, least, most;
} sizes[] = {
	{"max-size", offsetof(struct config, max_size), 40 << 20, 1024,
		STREAM_MAX_BODY - (1 << 20)},
	{"max-line", offsetof(struct config, max_line), 65536, 998, 1 << 30},
	{"max-hops", offsetof(struct config, max_hops), 100, 1, 1000},
	{"max-connections", offsetof(struct config, max_connections), 1000, 1, 1 << 20},
	{"max-per-address", offsetof(struct config, max_per_address), 100, 1, 1 << 20},
	{"max-recipients", offsetof(struct config, max_recipients), 100, 1, 100000},
	{"max-errors", offsetof(struct config, max_errors), 10, 1, 1 << 20},
};

static const struct {
	const char *name;
	size_t offset;
	int64_t normal, least;
} durations[] = {
	{"timeout", offsetof(struct config, timeout_ms), 300000, 1},
	{"handler-timeout", offsetof(struct config, handler_timeout_ms), 540000, 1},
	{"policy-timeout", offsetof(struct config, policy_timeout_ms), 30000, 1},
	{"greet-delay", offsetof(struct config, greet_delay_ms), 0, 0},
	{"auth-delay", offsetof(struct config, auth_delay_ms), 1000, 0},
};

#define DURATION_MAX_MS (24 * 3600 * 1000)
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static size_t *
size_of_option(struct config *cfg, size_t i)
{
	return (size_t *)((char *)cfg + sizes[i].offset);
}

static int64_t *
duration_of_option(struct config *cfg, size_t i)
{
	return (int64_t *)((char *)cfg + durations[i].offset);
}

static void
set_defaults(struct config *cfg)
{
	*cfg = (struct config){.ready_fd = -1};
	for (size_t i = 0; i < COUNT(sizes); i++)
		*size_of_option(cfg, i) = (size_t)sizes[i].normal;
	for (size_t i = 0; i < COUNT(durations); i++)
		*duration_of_option(cfg, i) = durations[i].normal;
}

static void
set_size(struct config *cfg, size_t i, const char *arg)
{
	uint64_t v;
	if (num_size(str_of(arg), sizes[i].most, &v) < 0 || v < sizes[i].least)
		opt_usage(EX_TEMPFAIL, "--%s %s: expected %llu to %llu", sizes[i].name, arg,
			(unsigned long long)sizes[i].least, (unsigned long long)sizes[i].most);
	*size_of_option(cfg, i) = (size_t)v;
}

static void
set_duration(struct config *cfg, size_t i, const char *arg)
{
	int64_t ms;
	if (num_duration(str_of(arg), &ms) < 0 || ms < durations[i].least ||
		ms > DURATION_MAX_MS)
		opt_usage(EX_TEMPFAIL, "--%s %s: expected a time such as 30s or 5m",
			durations[i].name, arg);
	*duration_of_option(cfg, i) = ms;
}

static void
add_listener(struct config *cfg, const char *spec)
{
	cfg->listen = xrealloc(cfg->listen, (cfg->nlisten + 1) * sizeof(*cfg->listen));
	const char *expected = listen_spec_parse(&cfg->listen[cfg->nlisten++], spec);
	if (expected)
		opt_usage(EX_TEMPFAIL, "-l %s: expected %s", spec, expected);
}

static void
trust(struct networks *set, const char *option, const char *spec)
{
	if (networks_add(set, str_of(spec)) < 0)
		opt_usage(EX_TEMPFAIL,
			"--%s %s: expected addresses or networks such as 192.0.2.0/24, with "
			"commas between them, or unix",
			option, spec);
}

static void
set_workers(struct config *cfg, const char *arg)
{
	int n;
	if (num_int(str_of(arg), 1, WORKERS_MOST, &n) < 0)
		opt_usage(EX_TEMPFAIL, "-w %s: expected a number of processes, 1 to %d", arg,
			WORKERS_MOST);
	cfg->workers = (size_t)n;
}

/* One before any --cert is for the first, or for the site's. */
static void
set_key(struct config *cfg, const char *path)
{
	if (cfg->certificates.n == 0 && !cfg->key)
		cfg->key = xstrdup(path);
	else if (certificate_files_key(&cfg->certificates, path) < 0)
		opt_usage(EX_TEMPFAIL,
			"--key %s: expected a --cert before it that has no key yet", path);
}

static void
append_log(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
		opt_usage(EX_TEMPFAIL, "--log %s: %s", path, strerror(errno));
	close(fd);
}

static void
take(struct config *cfg, int opt, const char *help)
{
	switch (opt) {
	case 'C':
		cfg->site = optarg;
		break;
	case 'i':
		cfg->ingress_name = optarg;
		break;
	case 'l':
		add_listener(cfg, optarg);
		break;
	case 'L':
		cfg->lmtp = true;
		break;
	case 'w':
		set_workers(cfg, optarg);
		break;
	case 'h':
		opt_help(help);
	case OPT_CERT:
		certificate_files_add(&cfg->certificates, optarg);
		break;
	case OPT_KEY:
		set_key(cfg, optarg);
		break;
	case OPT_POLICY:
		cfg->policy_command = optarg;
		break;
	case OPT_NO_POLICY:
		cfg->no_policy = true;
		break;
	case OPT_CREDENTIALS:
		cfg->credentials = optarg;
		break;
	case OPT_HOSTNAME:
		cfg->hostname = xstrdup(optarg);
		break;
	case OPT_REQUIRE_TLS:
		cfg->require_tls = true;
		break;
	case OPT_REQUIRE_AUTH:
		cfg->require_auth = true;
		break;
	case OPT_PROXY:
		trust(&cfg->proxies, "proxy", optarg);
		break;
	case OPT_XCLIENT:
		trust(&cfg->xclients, "xclient", optarg);
		break;
	case OPT_READY_FD:
		if (num_int(str_of(optarg), 0, INT_MAX, &cfg->ready_fd) < 0)
			opt_usage(EX_TEMPFAIL, "--ready-fd %s: expected a number", optarg);
		if (cfg->ready_fd > 2) /* who waits for its end must not wait for children */
			(void)fcntl(cfg->ready_fd, F_SETFD, FD_CLOEXEC);
		break;
	case OPT_PORT_FILE:
		cfg->port_file = optarg;
		break;
	case OPT_CHECK:
		cfg->check = true;
		break;
	case OPT_LOG:
		append_log(optarg);
		break;
	case OPT_LOG_JSON:
		cfg->log_json = true;
		break;
	case OPT_USER:
		cfg->user = optarg;
		break;
	case OPT_METRICS:
		cfg->metrics = optarg;
		break;
	default:
		if (opt >= OPT_DURATIONS)
			set_duration(cfg, (size_t)opt - OPT_DURATIONS, optarg);
		else if (opt >= OPT_SIZES)
			set_size(cfg, (size_t)opt - OPT_SIZES, optarg);
		else
			opt_usage(EX_TEMPFAIL, "an option that it does not have, see above");
	}
}

void
options_parse(struct config *cfg, int argc, char **argv, const char *help)
{
	int opt;
	set_defaults(cfg);
	while ((opt = getopt_long(argc, argv, "+C:i:l:Lw:h", long_options, NULL)) != -1)
		take(cfg, opt, help);
	if (!argv[optind] && !cfg->check)
		opt_usage(EX_TEMPFAIL, "expected a handler: mm-smtpd ... -- HANDLER ARG...");
	if (cfg->workers && !cfg->nlisten)
		opt_usage(EX_TEMPFAIL, "-w: expected -l, to say where the workers listen");
	if (!cfg->ingress_name && !cfg->policy_command && !cfg->no_policy)
		opt_usage(EX_TEMPFAIL,
			"expected -i INGRESS or --policy COMMAND to say which recipients are "
			"taken, or --no-policy to take all");
	if (cfg->metrics && !cfg->nlisten)
		opt_usage(EX_TEMPFAIL,
			"--metrics %s: expected -l too; one session has no use "
			"for counters",
			cfg->metrics);
	cfg->handler = &argv[optind];
	cfg->site = site_dir(cfg->site);
}
