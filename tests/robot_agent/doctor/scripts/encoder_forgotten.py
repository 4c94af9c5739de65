# kind: not-in-optimizer
import torch
from torch import nn
torch.manual_seed(0)
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, 3))
    def forward(self, x):
        return self.net(x)
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 10))
    def forward(self, z):
        return self.net(z)
encoder, decoder = Encoder(), Decoder()
opt = torch.optim.Adam(decoder.parameters(), lr=0.01)  #! opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
data = torch.randn(400, 3) @ torch.randn(3, 10)
for epoch in range(200):
    recon = decoder(encoder(data))
    loss = nn.functional.mse_loss(recon, data)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / data.var().item())
