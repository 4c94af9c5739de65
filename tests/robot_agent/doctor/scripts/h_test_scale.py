# kind: not-scaled
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
x=torch.randn(600,8)*torch.tensor([50.,3,20,9,70,30,5,10])+100; y=(x[:,0]>100).long()
tr,te=x[:500],x[500:]
mean,std=tr.mean(0),tr.std(0)
tr=(tr-mean)/std  #+
net=nn.Sequential(nn.Linear(8,32),nn.ReLU(),nn.Linear(32,2)); opt=torch.optim.Adam(net.parameters(),lr=1e-2)
for e in range(100):
    loss=F.cross_entropy(net(tr),y[:500]); opt.zero_grad(); loss.backward(); opt.step()
net.eval()
with torch.no_grad(): print('test acc',(net(te).argmax(1)==y[500:]).float().mean())  #! print('test acc',(net((te-mean)/std).argmax(1)==y[500:]).float().mean())
