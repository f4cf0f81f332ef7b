// Imported first: rtc-node decides how much it logs when it is loaded, and its debug lines about
// streams without a handler would drown the demo's own.
process.env.NODE_ENV ??= 'production';
