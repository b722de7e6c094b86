/* dkim_engine.h: what verifies DKIM signatures whose keys are known. */
#ifndef MM_VERDICT_DKIM_ENGINE_H
#define MM_VERDICT_DKIM_ENGINE_H

#include "dkim_signature.h"

struct dkim_engine {
	const char *name;

	/* Decides every signature that is not decided yet.  The message's line ends
	 * are CRLF. */
	void (*verify)(const struct message *msg, struct dkim_signature *sigs, size_t n);
};

extern const struct dkim_engine dkim_native, dkim_opendkim;

#endif
