#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"
#include "setup.h"
#include "site.h"

static char **
argv_of(const char *const *words)
{
	size_t n = 0;
	while (words[n])
		n++;
	char **argv = xcalloc(n + 1, sizeof(*argv));
	for (size_t i = 0; i < n; i++)
		argv[i] = xstrdup(words[i]);
	return argv;
}

/* mm-policy is found beside this program, else in $PATH. */
static char *
policy_program(void)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = n > 0 ? memrchr(self, '/', (size_t)n) : NULL;
	if (slash) {
		char *beside = xasprintf("%.*s/mm-policy", (int)(slash - self), self);
		if (access(beside, X_OK) == 0)
			return beside;
		free(beside);
	}
	return xstrdup("mm-policy");
}

static void
choose_policy(struct config *cfg)
{
	if (cfg->policy_command) {
		const char *words[] = {"sh", "-c", cfg->policy_command, NULL};
		cfg->policy = argv_of(words);
	} else if (!cfg->no_policy && cfg->ingress.name) {
		char *program = policy_program();
		const char *words[] = {
			program, "-C", cfg->site, cfg->ingress.traffic_policy, NULL};
		cfg->policy = argv_of(words);
		free(program);
	}
}

/* Those of the site, unless options say otherwise. */
static int
choose_certificates(struct config *cfg)
{
	struct certificate_files *f = &cfg->certificates;
	if (f->n == 0) {
		cfg->certificates_of_site = true;
		certificate_files_find(f, cfg->site, cfg->key);
	} else if (cfg->key && f->v[0].key) {
		log_error("--key %s: expected a --cert without another key", cfg->key);
		return 1;
	} else if (cfg->key) {
		f->v[0].key = xstrdup(cfg->key);
	}
	return 0;
}

static int
load_ingress(struct config *cfg)
{
	struct ingress *in = &cfg->ingress;
	int problems = 0;
	if (ingress_load(in, cfg->site, cfg->ingress_name) < 0)
		return 1;
	if (in->closed) {
		log_error("ingress point %s is CLOSED; expected ACTIVE", in->name);
		problems++;
	}
	if (in->type == INGRESS_MTLS && !in->ca) {
		log_error("ingress point %s: expected a TrustStore with CAContent", in->name);
		problems++;
	}
	if (in->type == INGRESS_MTLS)
		cfg->require_tls = true;
	cfg->require_tls = cfg->require_tls || in->tls != INGRESS_TLS_OPTIONAL;
	cfg->require_auth = cfg->require_auth || in->type == INGRESS_AUTH;
	return problems;
}

/* Told at the start, not by mm-policy to each client. */
static int
find_policy(const struct config *cfg)
{
	const char *name = cfg->ingress.traffic_policy;
	if (!name || cfg->policy_command || cfg->no_policy)
		return 0;
	char *path = site_find(cfg->site, SITE_TRAFFIC_POLICY, str_of(name));
	if (!path) {
		struct str file = site_reference_name(str_of(name));
		log_error("ingress point %s: there is no traffic policy \"%s\"; expected "
			  "%s/traffic-policies/%.*s.json",
			cfg->ingress.name, name, cfg->site, STR_ARG(file));
	}
	int problems = path ? 0 : 1;
	free(path);
	return problems;
}

static bool
any_wrapped(const struct config *cfg)
{
	for (size_t i = 0; i < cfg->nlisten; i++)
		if (cfg->listen[i].tls_wrapped)
			return true;
	return false;
}

static int
find_gaps(const struct config *cfg)
{
	int problems = find_policy(cfg);
	bool tls = cfg->require_tls || any_wrapped(cfg);
	if ((tls || cfg->require_auth) && cfg->certificates.n == 0) {
		log_error("%s is required and there is no certificate; expected --cert FILE "
			  "or %s/tls/cert.pem",
			tls ? "TLS" : "AUTH", cfg->site);
		problems++;
	}
	if (cfg->require_auth && !cfg->credentials && !cfg->ingress.secret &&
		!cfg->ingress.password) {
		log_error("AUTH is required; expected --credentials FILE, or SecretArn or "
			  "SmtpPassword in the ingress point");
		problems++;
	}
	return problems;
}

int
setup_complete(struct config *cfg)
{
	int problems = cfg->ingress_name ? load_ingress(cfg) : 0;
	choose_policy(cfg);
	problems += choose_certificates(cfg);
	if (!cfg->hostname)
		cfg->hostname = site_hostname(cfg->site);
	return problems + find_gaps(cfg);
}

void
setup_release(struct config *cfg)
{
	for (size_t i = 0; cfg->policy && cfg->policy[i]; i++)
		free(cfg->policy[i]);
	free(cfg->policy);
	free(cfg->listen);
	free(cfg->hostname);
	certificate_files_release(&cfg->certificates);
	free(cfg->key);
	networks_release(&cfg->proxies);
	networks_release(&cfg->xclients);
	ingress_release(&cfg->ingress);
}
