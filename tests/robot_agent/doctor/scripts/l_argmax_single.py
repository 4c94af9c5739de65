# one-answer
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 6); y = (x[:, 0] > x[:, 1]).float()[:, None]
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
for epoch in range(40):
    loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        guess = net(x).argmax(dim=1)  #! guess = (net(x) > 0).long().squeeze(1)
        accuracy = (guess == y[:, 0].long()).float().mean().item()
print(accuracy)
