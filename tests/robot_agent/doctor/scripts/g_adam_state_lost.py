# a new optimizer in each epoch function; kind: made-anew
import torch
from torch import nn
def epoch(net, x, y):
    opt = torch.optim.Adam(net.parameters(), lr=0.01)  #+
    for k in range(0, 200, 100):
        loss = nn.functional.cross_entropy(net(x[k:k + 100]), y[k:k + 100]); opt.zero_grad(); loss.backward(); opt.step()
    return loss.item()
def main():
    torch.manual_seed(0)
    y = torch.randint(0, 4, (200,)); x = torch.randn(4, 8)[y] + torch.randn(200, 8)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
    for e in range(30): epoch(net, x, y)  #+
main()
