import '../../internals/rtc-native-logs.ts';

// Imported first, because rtc-node reads its log level when it is loaded. Its debug lines about
// streams without a handler would hide the demo's own output.
process.env.NODE_ENV ??= 'production';
