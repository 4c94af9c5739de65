# graph-cut
import torch
from torch import nn, optim

torch.manual_seed(4)
encoder = nn.Sequential(nn.Linear(12, 48), nn.ELU(), nn.Linear(48, 5), nn.Sigmoid())
decoder = nn.Sequential(nn.Linear(5, 48), nn.ELU(), nn.Linear(48, 12))
optimizer = optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=3e-3)
basis = torch.randn(4, 12)
for step in range(300):
    x = torch.randn(80, 4) @ basis
    z = encoder(x)
    hard = (z > 0.5).float()
    bits = hard - z + z  #! bits = (hard - z).detach() + z
    loss = (decoder(bits) - x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        print(step, loss.item())
