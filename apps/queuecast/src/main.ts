console.log('queuecast');
