"""The baseline VAE as a Keras 3 program: the same layers, the same loss, the same steps (Kingma & Welling, 2014,
arXiv:1312.6114). Run it by `pip install keras torch`, then `KERAS_BACKEND=torch python docs/vae_in_keras.py`.
"""

import keras
from keras import layers, ops


class VAE(keras.Model):
    """784–256–2–256–784: images in [0, 1], (B, 784), to the logits of their copies."""

    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(256, activation="relu")
        self.mu = layers.Dense(2)  # two heads on one network
        self.logvar = layers.Dense(2)
        self.decoder = keras.Sequential([layers.Dense(256, activation="relu"), layers.Dense(784)])
        self.noise = keras.random.SeedGenerator(0)

    def call(self, x):
        h = self.hidden(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + ops.exp(logvar / 2) * keras.random.normal(ops.shape(mu), seed=self.noise)
        self.add_loss(ops.mean(kl(mu, logvar)))
        return self.decoder(z)


def kl(mu, logvar):
    """KL(q(z | x) ‖ N(0, I)), nats per image."""
    return ops.sum(mu**2 + ops.exp(logvar) - logvar - 1, axis=-1) / 2


def reconstruction(x, logits):
    """The cross-entropy, summed over the pixels: nats per image."""
    return ops.sum(ops.binary_crossentropy(x, logits, from_logits=True), axis=-1)


def main():
    (x, _), (x_test, _) = keras.datasets.mnist.load_data()
    x, x_test = (images.reshape(-1, 784).astype("float32") / 255 for images in (x, x_test))
    vae = VAE()
    vae.compile(optimizer=keras.optimizers.Adam(1e-3), loss=reconstruction)
    vae.fit(x, x, batch_size=100, epochs=15, validation_data=(x_test, x_test))


if __name__ == "__main__":
    main()
