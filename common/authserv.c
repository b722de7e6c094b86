#include "authserv.h"
#include "site.h"

char *
authserv_name(const char *site, struct json_doc *settings)
{
	struct problems ps = {0};
	struct json_doc doc;
	char *name = NULL;
	if (site_settings(&doc, site, &ps) == 0) {
		struct str id = json_str(doc.root, "AuthservId");
		name = id.p ? str_dup(id) : site_hostname(site);
		if (settings)
			*settings = doc;
		else
			json_doc_release(&doc);
	}
	problems_log(&ps);
	problems_release(&ps);
	return name;
}
