/* ingress.h: what an ingress point's JSON (CreateIngressPoint) means for us. */
#ifndef SMTPD_INGRESS_H
#define SMTPD_INGRESS_H

#include <stdbool.h>

enum ingress_type { INGRESS_OPEN, INGRESS_AUTH, INGRESS_MTLS };
enum ingress_tls { INGRESS_TLS_REQUIRED, INGRESS_TLS_OPTIONAL, INGRESS_TLS_FIPS };

/* Strings are owned; those that the JSON does not have are NULL.  {0}: there is
 * no ingress point. */
struct ingress {
	char *name; /* IngressPointName */
	char *id;   /* IngressPointId, else the name: the user name of AUTH */
	char *arn;  /* IngressPointArn */
	enum ingress_type type;
	enum ingress_tls tls;
	char *traffic_policy, *rule_set; /* references */
	char *password, *secret;         /* SmtpPassword, SecretArn */
	char *ca, *crl;                  /* CAContent, CrlContent of the trust store */
	bool closed;                     /* Status CLOSED */
};

/* Loads ingress-points/NAME.json of the site.  0, or -1 after every problem was
 * logged. */
int ingress_load(struct ingress *in, const char *site, const char *name);
void ingress_release(struct ingress *in);

const char *ingress_type_word(enum ingress_type t); /* "OPEN" */

#endif
