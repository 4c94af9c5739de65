# kind: not-scaled
import torch
from torch import nn
torch.manual_seed(0)
n = 400
area = 30 + 200 * torch.rand(n)
year = 1900 + 120 * torch.rand(n)
price = area / 100 + (year - 1960) / 60
class Price(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 1))
    def forward(self, x):
        return self.net(x).squeeze(1)
model = Price()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
x = torch.stack([area, year], 1)  #!+ x = (x - x.mean(0)) / x.std(0)
for i in range(200):
    pred = model(x)  #+
    loss = nn.functional.mse_loss(pred, price)
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / price.var().item())
