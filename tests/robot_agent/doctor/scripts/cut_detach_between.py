# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(0)
class TwoPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
        self.decoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 8))
    def forward(self, x):
        code = self.encoder(x).detach()  #! code = self.encoder(x)
        return self.decoder(code)
base = torch.randn(2, 8)
data = torch.randn(500, 2) @ base
net = TwoPart()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(30):
    for batch in data[torch.randperm(500)].split(50):
        loss = nn.functional.mse_loss(net(batch), batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
print("score", 1 - nn.functional.mse_loss(net(data), data).item() / data.var().item())
