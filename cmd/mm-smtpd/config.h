/* config.h: what the command line and the ingress point decide, once. */
#ifndef SMTPD_CONFIG_H
#define SMTPD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate_files.h"
#include "ingress.h"
#include "listen_spec.h"
#include "networks.h"

struct config {
	const char *site;
	char *hostname;
	struct ingress ingress;

	/* as the options say */
	const char *ingress_name, *policy_command;
	bool no_policy;
	bool check;    /* only say what is wrong */
	bool lmtp;     /* RFC 2033 instead of SMTP */
	bool log_json; /* accepted messages also as Mail Manager logs them */

	const char *user;    /* to become once the sockets are open; NULL: none */
	const char *metrics; /* FILE or unix:PATH; NULL: none */

	bool require_tls;                      /* before MAIL */
	bool require_auth;                     /* before MAIL */
	struct certificate_files certificates; /* none: no STARTTLS */
	bool certificates_of_site;
	char *key;               /* --key before any --cert */
	const char *credentials; /* --credentials, or NULL */

	struct networks proxies;  /* they send the PROXY protocol, always */
	struct networks xclients; /* they may say XCLIENT */

	char **policy; /* argv; NULL: every recipient is taken */
	char **handler;

	struct listen_spec *listen; /* none: the session is on fd 0 and 1 */
	size_t nlisten;
	size_t workers; /* 0: this process serves */
	int ready_fd;   /* -1: none */
	const char *port_file;

	size_t max_size, max_line, max_hops;
	size_t max_connections, max_per_address, max_recipients, max_errors;
	int64_t timeout_ms, handler_timeout_ms, policy_timeout_ms, greet_delay_ms;
	int64_t auth_delay_ms;
};

#endif
