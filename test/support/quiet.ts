// Imported first: rtc-node decides how much it logs when it is loaded, and its debug lines about
// streams that nobody handles would drown a test's own output.
process.env.NODE_ENV = 'production';
