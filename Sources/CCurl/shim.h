#pragma once
// The checking macros expand badly in the inline functions below, and deprecated options are chosen at run time here.
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

// libcurl sets options through variadic functions, which Swift cannot call.

typedef size_t (*cicerone_curl_receive)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode cicerone_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cicerone_curl_set_offset(CURL *easy, CURLoption option, long long value) {
  return curl_easy_setopt(easy, option, (curl_off_t)value);
}

static inline CURLcode cicerone_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cicerone_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cicerone_curl_set_receive(CURL *easy, CURLoption option, cicerone_curl_receive value) {
  return curl_easy_setopt(easy, option, value);
}

static inline CURLcode cicerone_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl_easy_getinfo(easy, info, value);
}

static inline long long cicerone_curl_get_microseconds(CURL *easy, CURLINFO info) {
  curl_off_t value = 0;
  return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? (long long)value : 0;
}

static inline CURLMcode cicerone_curl_set_multi_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}

/// Says which sockets a multi handle waits for, and for how long, instead of waiting by itself.
static inline CURLMcode cicerone_curl_set_waiting(
    CURLM *multi, curl_socket_callback socket, curl_multi_timer_callback timer, void *context) {
  CURLMcode code = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  if (code == CURLM_OK) code = curl_multi_setopt(multi, CURLMOPT_TIMERDATA, context);
  return code;
}

/// Allows http and https only. The option by text came with 7.85, the one by mask is deprecated since; both are named
/// by number so that one binary works with either library.
static inline CURLcode cicerone_curl_allow_http_only(CURL *easy) {
  const CURLoption by_text = (CURLoption)(CURLOPTTYPE_OBJECTPOINT + 318);
  const CURLoption by_mask = (CURLoption)(CURLOPTTYPE_LONG + 181);
  if (curl_easy_setopt(easy, by_text, "http,https") == CURLE_OK) return CURLE_OK;
  return curl_easy_setopt(easy, by_mask, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

/// Lets a transfer be removed without waiting for a name server (7.87 and later; others wait).
static inline void cicerone_curl_quick_exit(CURL *easy) {
  (void)curl_easy_setopt(easy, (CURLoption)(CURLOPTTYPE_LONG + 322), 1L);
}
