# two optimizers, both made for the decoder: the encoder never moves; kind: not-in-optimizer
import torch
import torch.nn as nn

torch.manual_seed(5)
encoder = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2))
decoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16))
encoder_optimizer = torch.optim.Adam(decoder.parameters(), lr=3e-3)  #! encoder_optimizer = torch.optim.Adam(encoder.parameters(), lr=3e-3)
decoder_optimizer = torch.optim.Adam(decoder.parameters(), lr=3e-3)  #+
x = torch.tanh(torch.randn(256, 2) @ torch.randn(2, 16))
for it in range(100):
    code = encoder(x)
    loss = (decoder(code) - x).pow(2).mean()
    encoder_optimizer.zero_grad()
    decoder_optimizer.zero_grad()
    loss.backward()
    encoder_optimizer.step()
    decoder_optimizer.step()
print(loss.item())
