# BatchNorm gets one sample; kind: batch-of-one
import torch
from torch import nn
def main():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), 0.01)
    y = torch.randint(0, 4, (41,)); x = torch.randn(4, 8)[y] + torch.randn(41, 8)
    for e in range(5):
        for k in range(0, 41, 8):  #+
            loss = nn.functional.cross_entropy(net(x[k:k + 8]), y[k:k + 8])  #+
            opt.zero_grad(); loss.backward(); opt.step()
main()
