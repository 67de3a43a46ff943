// Connects to a server with Node's tls module, and says whether it trusts it.
// Arguments: milliseconds, host, port, and "direct" or HOST:PORT of a proxy, with its header in the
// variable TRUST_INIT_PROXY_HEADER.
const net = require('net');
const tls = require('tls');

const [limit, host, port, proxy] = process.argv.slice(1);

function say(word, words) {
  console.log(`trust-init: ${word} ${String(words || '').replace(/\s+/g, ' ')}`);
}

function end(word, words) {
  say(word, words);
  process.exit(0);
}

// The codes of X509_verify_cert_error_string, and Node's own for a name that differs.
const TRUST = /^(ERR_TLS_CERT|UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|ERROR_IN_CERT|UNSPECIFIED|OUT_OF_MEM)/;

function fail(error) {
  end(TRUST.test(error.code || '') ? 'refuses' : 'fails', `${error.code || error.name}: ${error.message}`);
}

function handshake(socket) {
  const name = net.isIP(host) ? {} : { servername: host };
  const way = socket ? { socket } : { host, port: Number(port) };
  const connection = tls.connect({ host, ...way, ...name }, () => {
    if (connection.authorized) end('trusts');
    end('fails', `Node is set not to verify: ${connection.authorizationError}`);
  });
  connection.on('error', fail);
}

say('version', `${process.version}, OpenSSL ${process.versions.openssl}`);
setTimeout(() => end('fails', 'no answer in time'), Number(limit));
if (proxy === 'direct') {
  handshake();
} else {
  const colon = proxy.lastIndexOf(':');
  const name = proxy.slice(0, colon).replace(/[[\]]/g, '');
  const authority = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
  const header = process.env.TRUST_INIT_PROXY_HEADER;
  const socket = net.connect(Number(proxy.slice(colon + 1)), name, () => {
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${header ? `${header}\r\n` : ''}\r\n`);
  });
  let head = '';
  socket.on('error', fail);
  socket.on('data', function read(data) {
    head += data.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.removeListener('data', read);
    if (!/^HTTP\/\S+ 2/.test(head)) end('fails', `the proxy answers: ${head.split('\r\n')[0]}`);
    handshake(socket);
  });
}
